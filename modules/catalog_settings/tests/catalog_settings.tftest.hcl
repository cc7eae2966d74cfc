mock_provider "aws" {}

variables {
  kms_key_arn        = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-0000-0000-000000000001"
  administrator_arns = ["arn:aws:iam::111111111111:role/sluice-deploy"]
}

run "lake_formation_decides" {
  command = plan

  assert {
    condition     = aws_lakeformation_data_lake_settings.this.admins == toset(var.administrator_arns) && contains(aws_lakeformation_lf_tag.data_class.values, "restricted")
    error_message = "Lake Formation has an administrator and knows every classification."
  }
}

run "encrypted" {
  command = plan

  assert {
    condition     = one(one(aws_glue_data_catalog_encryption_settings.this.data_catalog_encryption_settings).encryption_at_rest).sse_aws_kms_key_id == var.kms_key_arn
    error_message = "Metadata must be encrypted with the key."
  }

  assert {
    condition     = one(one(aws_glue_data_catalog_encryption_settings.this.data_catalog_encryption_settings).connection_password_encryption).return_connection_password_encrypted
    error_message = "Passwords must come back encrypted."
  }
}
