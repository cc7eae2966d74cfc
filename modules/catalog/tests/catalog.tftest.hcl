mock_provider "aws" {}

variables {
  database       = "meridian_dev_annuity"
  description    = "Fixed annuity block"
  curated_bucket = "meridian-dev-annuity-curated"
  tables = {
    policy = {
      description      = "One row for each policy"
      contract_version = "1.0.0"
      columns = [
        { name = "policy_id", type = "string", comment = "Identifier" },
        { name = "premium", type = "decimal(18,2)", comment = "" },
      ]
    }
  }
}

run "a_table_for_each_dataset" {
  command = plan

  assert {
    condition     = one(aws_glue_catalog_table.this["policy"].storage_descriptor).location == "s3://meridian-dev-annuity-curated/policy/"
    error_message = "The table must lie in its tenant's bucket."
  }

  assert {
    condition     = one(aws_glue_catalog_table.this["policy"].partition_keys).name == "as_of" && one(aws_glue_catalog_table.this["policy"].storage_descriptor).columns[1].type == "decimal(18,2)"
    error_message = "Columns come from the contract, and the date is the partition."
  }
}

run "as_of_is_no_column" {
  command = plan

  variables {
    tables = { policy = { description = "", contract_version = "1.0.0", columns = [{ name = "as_of", type = "date", comment = "" }] } }
  }

  expect_failures = [var.tables]
}
