"""How many people the pages carry: real websocket sessions against a real page server, on this machine alone.

    python -m benchmarks.load --home HOME --people 20 --seconds 120 [--knee] [--prepare] [--write]

measures the release in force of a home (a directory as `PPW_HOME` names it). The page server is started by the command
`ppw serve` starts it with, on a free port of loopback, is warmed up as it warms itself, and is stopped by its own
process id. The people live in this process, apart from the server: a person opens the overview in a new session, waits
5 to 10 seconds, follows one of the links he sees (as in a browser each opens a session of its own), changes a filter,
switches the language, and leaves after a dozen clicks for another who comes. One in four has stated a name and so sees
what reviewers see; the others see what the public sees. Nothing is asserted: it prints what it saw.

* first page: from the request for the page's HTML to the end of the script, for somebody who has just come;
* a link: the same for a page opened by a link; a filter: from the change to the end of the script;
* `--knee` repeats it with 5, 10, 20, 40, 80, 120, 160, 200 people; with `--people` or more it stops at the first step
  at which the first page takes a second or a click half of one (p95), or a page fails;
* memory of an open page: what the server grows by with 40 sessions held open; of a person: by how much its memory grew
  from step to step.

Both share the cores of the machine, so the generator's own CPU seconds are told too; times hold its delays as well.
`--prepare` makes the page data of a release of the benchmark anew before the server starts: a home that an earlier
version of the program made holds page data that this one does not read. `python -m benchmarks.load.million FOLDER`
makes such a home (FOLDER/home) with a million observations; it takes a quarter of an hour and 7 GB of memory.

`--write` puts the result into docs/benchmarks.md. `--people` and `--seconds` are bounded to 200 and 900.
"""
