"""Spec in, text out. Pure: no cloud, no subprocess, no clock, no randomness.

    model/     the values there are; whoever holds one holds a valid one
    spec/      what people wrote, read and judged: every mistake with its place
    resolve/   every decision about a stack, taken once
    render/    values, templates, manifests, files
    scaffold/  the first files of a new tenant

`names.py` says what everything is called in the cloud, `errors.py` how a mistake reads.
"""
