-- Rendered by sluice from tenants/annuity/tenant.yaml for prod.
-- Do not edit: change the spec and run `sluice render`.
-- Report: "Ledger reconciliation by product and measure"
CREATE OR REPLACE VIEW "annuity"."reconciliation_status" AS
SELECT
    as_of,
    product,
    measure,
    computed_amount,
    control_amount,
    difference,
    status,
    SUM(CASE WHEN status = 'matched' THEN 0 ELSE 1 END) OVER (PARTITION BY as_of) AS open_differences
FROM annuity.reconciliation
;
