"""Tables of the other registers: enterprises, shops, vehicles, facilities … by the same road as
people's. What a row means is `wangge.registers.tables`; how it waits and is applied is here."""
