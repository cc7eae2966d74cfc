"""Spec in, text out. Pure: no cloud, no subprocess, no clock, no randomness.

    spec/      what people wrote, read and judged: every mistake with its place
    resolve/   every decision about a stack, taken once
    render/    values, templates, manifests, files
    scaffold/  the first files of a new tenant

Beside them lies what all of them speak in: `model.py` (the values there are), `names.py` and `errors.py`.
"""
