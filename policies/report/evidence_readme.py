"""What an auditor reads first: which file of the evidence says what, and what it does not say."""

from __future__ import annotations

README = """\
# Evidence of one run of the gate

The gate judges what a change would deploy, before it is deployed, against the controls of the register
(`policies/controls.yaml`). This folder is what it judged and what it said. The same judgements give the same bytes.

| file | holds |
| --- | --- |
| `controls.csv` | one row a control: requirement, severity, owner, clauses, its state, how many verdicts of each kind, on how many subjects |
| `clauses.csv` | one row a clause of a framework: the controls that answer it and what they came to together |
| `subjects.csv` | one row a verdict: control, check, what was judged, what was found, and the SHA-256 of the file or plan it stands in |
| `verdicts.json` | the run itself: day, environments and stacks, digests of everything judged, of the register and of the gate's code, tool versions, waivers in force, every verdict |
| `SHA256SUMS` | digests of the files above: `sha256sum --check SHA256SUMS` |

## What the words mean

A verdict is one check's answer on one subject:

- `passed`: looked at, and as required.
- `failed`: looked at, and not as required. It stops the change.
- `waived`: failed, and covered by an approved exception that holds on the day; `verdicts.json` names owner, approver,
  reason, ticket and last day.
- `not applicable`: the control says nothing about this subject; `found` says why.
- `no verdict`: could not be judged, because a value is known only after the apply or cannot be read. It stops the
  change and cannot be waived.

The state of a control or clause is the worst of its verdicts. `nothing to judge` means that the run held nothing that
the control speaks about; `not automated` that no check judges it, for the reason in `not_automated`. Neither is a pass.

## What is proven, and what is not

- Verdicts are about plans and rendered files with the digests given here, not about the cloud as it is. That what was
  judged is what was applied is proven by the digest of the plan in the record of the deployment.
- A clause's state covers what the named controls check of it, not the whole of the clause.
- `verdicts_sha256` in a row is the SHA-256 over the lines of `subjects.csv` (without its header) that the row counts, in
  the order of the controls it names.
- A cell that begins with `=`, `+`, `-` or `@` has an apostrophe before it, so that no spreadsheet runs it.

To judge again: check out the revision whose `policies` digest is in `verdicts.json` under `tools`, and run `sluice gate`
with the day in `today` over files with the same digests.
"""
