"""The gate: the CSO's controls judge every artefact and fail closed.

It stands alone: whoever has a plan or a rendered tree can run it, without the generator and without a cloud.
"""
