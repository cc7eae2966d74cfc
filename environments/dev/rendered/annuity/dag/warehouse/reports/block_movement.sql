-- Rendered by sluice from tenants/annuity/tenant.yaml for dev.
-- Do not edit: change the spec and run `sluice render`.
-- Report: "Account value movement by product"
CREATE OR REPLACE VIEW "annuity"."block_movement" AS
SELECT
    as_of,
    product,
    policies_in_force,
    opening_balance,
    premium,
    interest,
    withdrawals,
    surrenders,
    deaths,
    closing_balance,
    opening_balance + premium + interest - withdrawals - surrenders - deaths - closing_balance AS unexplained,
    benefits_paid,
    payouts
FROM annuity.block_summary
;
