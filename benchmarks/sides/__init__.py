"""The programs that the benchmarks hold against each other, each a process of its own: cameras, our client, other people's clients.

Each reads one JSON object from standard input and writes one to standard output. `zeep_plain` and `zeep_async` import nothing of ours.
"""
