"""Remembers over restarts that a workspace does not take the newest blocks, so that no message is refused for them."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import structlog

from reporting.ports import Clock, Store, StoreBusy

_KEY = "slack.new_blocks_refused"
# Workspaces learn new blocks: one message in so many days finds out.
_KEEP = timedelta(days=7)


class BlockMemory:
    """In the store's notes: since when newer blocks are refused."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._writing: set[asyncio.Task[None]] = set()
        self._log = structlog.get_logger("slack")

    def new_blocks(self) -> bool:
        """Whether to try the newest blocks.

        Raises:
            StoreBusy: the database does not answer.
        """
        with self._store.read() as uow:
            refused = uow.notes.get(_KEY)
        return refused is None or self._clock.now() - datetime.fromisoformat(refused) > _KEEP

    def note(self, taken: bool) -> None:
        """Remember it, soon; called in the loop, which must not wait for the database."""
        task = asyncio.get_running_loop().create_task(asyncio.to_thread(self._write, taken))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def settled(self) -> None:
        """Wait until everything is written."""
        await asyncio.gather(*self._writing)

    def _write(self, taken: bool) -> None:
        try:
            with self._store.begin() as uow:
                uow.notes.put(_KEY, None if taken else self._clock.now().isoformat())
        except StoreBusy:
            # Found out once more after the next start, at the price of one refusal.
            self._log.warning("block_memory_not_written")
