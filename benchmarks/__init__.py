"""How fast the product is, measured on this machine.

    python -m benchmarks.visit       one provisioning visit against a naive script
    python -m benchmarks.startup     from nothing to ready, and memory

Each prints a table; with `--json` one object of named figures. Ratios are taken side by side: A and B in turn within one run, the medians compared.
`naive.py` is the script that the visit is held against; it is run as a program and imports nothing of ours.
"""
