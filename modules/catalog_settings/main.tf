# The account has one Glue catalogue, whichever tenants use it: its encryption, and that Lake Formation decides who sees a
# table, are settings of the platform.

resource "aws_glue_data_catalog_encryption_settings" "this" {
  data_catalog_encryption_settings {
    connection_password_encryption {
      aws_kms_key_id                       = var.kms_key_arn
      return_connection_password_encrypted = true
    }

    encryption_at_rest {
      catalog_encryption_mode = "SSE-KMS"
      sse_aws_kms_key_id      = var.kms_key_arn
    }
  }
}

# AWS's own defaults give IAMAllowedPrincipals everything in each new database and table: Lake Formation then decides
# nothing. Naming no default is what switches that off.
resource "aws_lakeformation_data_lake_settings" "this" {
  admins = var.administrator_arns
}

resource "aws_lakeformation_lf_tag" "data_class" {
  key    = "data-class"
  values = var.data_classes

  depends_on = [aws_lakeformation_data_lake_settings.this] # only an administrator may make tags
}
