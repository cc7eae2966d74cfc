"""One control, one file; the folder says which service. Loaded by the gate and by `checkov --external-checks-dir`."""
