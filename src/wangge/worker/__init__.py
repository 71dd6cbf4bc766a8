"""The background: one process that seals facts, feeds listeners, turns the clock and does jobs;
and the parent process that keeps everything running (`supervise`)."""
