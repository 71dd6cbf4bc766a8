"""Cases: something a resident or a worker says needs attention."""
