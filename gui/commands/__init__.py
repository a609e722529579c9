"""What the actions do: one module a subject, each with the list of its actions.

From the click on "Compress" to the coloured block:

1. `codec.CodecCommands.actions` has the entry "compress", which names the method `compress`.
   `registry.all_specs` collects the entries; menus, tool bar, palette and the codec panel show them, and
   `Commands.connect` has the QAction call the method.
2. `CodecCommands.compress` makes a `coding.Compression` and hands its `Job` to `Workbench.start`, which
   refuses it while another job runs.
3. `jobs.runner.JobRunner.start` calls the job's `begin` (`Compression._begin`: the block table is emptied,
   points are coloured by block) and runs its `work` (`jobs.work.compress`) in a thread.
4. The codec reports `Progress`, which waits in a `Mailbox`. Eight times a second the runner takes what has
   arrived and calls the job's `update` (`Compression._update`), which appends the rows to the session's
   block table.
5. The session publishes `BlocksChanged`. `rendering.viewport.Viewport.session_changed` hears it, has
   `Painting.refresh` compute the colours of the blocks, and draws the outlines and points in them.
6. At the end the runner calls the job's `show` (`Compression._show`: the bitstream becomes the current
   one). After a failure or a cancellation it calls `rollback` instead (the old table and colours come
   back), and the workbench tells the user.

Decompressing, opening, comparing, asking for the surprise, exporting and the queue of files go the same way.
"""
