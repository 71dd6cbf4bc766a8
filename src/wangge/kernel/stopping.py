"""A task that was told to stop stops, whatever a library made of the cancellation."""

import asyncio


def stop_if_told() -> None:
    """Raise CancelledError in a task that has been cancelled. For handlers of `Exception`.

    A connection that dies while its statement is being cancelled answers with an error of its own
    instead of CancelledError. Who catches that error and goes on would go on for ever: asyncio
    delivers a cancellation once, and the task group above waits for the task to end.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
