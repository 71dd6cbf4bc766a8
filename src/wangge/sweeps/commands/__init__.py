"""What is done with rounds: opened, dealt, gone round again, decided, closed."""
