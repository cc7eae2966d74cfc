-- Rendered by sluice from tenants/annuity/tenant.yaml for prod.
-- Do not edit: change the spec and run `sluice render`.
GRANT USAGE ON SCHEMA "annuity" TO ROLE "awsidc:actuarial", ROLE "awsidc:finance-analysts";
GRANT SELECT ON TABLE "annuity"."account_value" TO ROLE "awsidc:actuarial", ROLE "awsidc:finance-analysts";
GRANT SELECT ON TABLE "annuity"."block_summary" TO ROLE "awsidc:actuarial", ROLE "awsidc:finance-analysts";
GRANT SELECT ON TABLE "annuity"."payout" TO ROLE "awsidc:actuarial", ROLE "awsidc:finance-analysts";
GRANT SELECT ON TABLE "annuity"."policy" TO ROLE "awsidc:actuarial", ROLE "awsidc:finance-analysts";
GRANT SELECT ON TABLE "annuity"."reconciliation" TO ROLE "awsidc:actuarial", ROLE "awsidc:finance-analysts";
GRANT SELECT ON TABLE "annuity"."block_movement" TO ROLE "awsidc:actuarial", ROLE "awsidc:finance-analysts";
GRANT SELECT ON TABLE "annuity"."reconciliation_status" TO ROLE "awsidc:actuarial", ROLE "awsidc:finance-analysts";
