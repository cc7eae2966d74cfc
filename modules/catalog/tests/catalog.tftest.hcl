mock_provider "aws" {}

variables {
  database         = "meridian_dev_annuity"
  description      = "Fixed annuity block"
  curated_bucket   = "meridian-dev-annuity-curated"
  classification   = "confidential"
  airflow_role_arn = "arn:aws:iam::111111111111:role/meridian-dev-platform-airflow"
  tables = {
    policy = {
      description      = "One row for each policy"
      contract_version = "1.0.0"
      columns = [
        { name = "policy_id", type = "string", comment = "Identifier" },
        { name = "premium", type = "decimal(18,2)", comment = "", classification = "confidential" },
        { name = "birth_date", type = "date", comment = "", classification = "restricted" },
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

run "classified_and_granted" {
  command = plan

  assert {
    condition     = one(aws_lakeformation_resource_lf_tags.database.lf_tag).value == "confidential"
    error_message = "The database must carry its classification."
  }

  assert {
    condition     = keys(aws_lakeformation_resource_lf_tags.columns) == ["policy:restricted"] && toset(one(aws_lakeformation_resource_lf_tags.columns["policy:restricted"].table_with_columns).column_names) == toset(["birth_date"])
    error_message = "A column that is classified otherwise, and no other, has a tag of its own."
  }

  assert {
    condition     = !contains(aws_lakeformation_permissions.airflow_tables.permissions, "SELECT") && aws_lakeformation_permissions.airflow_tables.principal == var.airflow_role_arn
    error_message = "Airflow points partitions and reads nothing."
  }
}

run "as_of_is_no_column" {
  command = plan

  variables {
    tables = { policy = { description = "", contract_version = "1.0.0", columns = [{ name = "as_of", type = "date", comment = "" }] } }
  }

  expect_failures = [var.tables]
}
