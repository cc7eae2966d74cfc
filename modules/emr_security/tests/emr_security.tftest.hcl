mock_provider "aws" {}

variables {
  name             = "meridian-prod-annuity"
  kms_key_arn      = "arn:aws:kms:us-east-1:222222222222:key/00000000-0000-0000-0000-000000000001"
  artifacts_bucket = "meridian-prod-platform-artifacts"
}

run "encrypted_with_the_key_and_kept_from_the_machine" {
  command = plan

  assert {
    condition     = aws_emr_security_configuration.this.name == "meridian-prod-annuity-emr"
    error_message = "The name follows from the stack's."
  }

  assert {
    condition = alltrue([
      jsondecode(aws_emr_security_configuration.this.configuration).EncryptionConfiguration.EnableAtRestEncryption,
      jsondecode(aws_emr_security_configuration.this.configuration).EncryptionConfiguration.EnableInTransitEncryption,
    ])
    error_message = "Data must be encrypted at rest and in transit."
  }

  assert {
    condition     = jsondecode(aws_emr_security_configuration.this.configuration).EncryptionConfiguration.AtRestEncryptionConfiguration.S3EncryptionConfiguration == { AwsKmsKey = var.kms_key_arn, EncryptionMode = "SSE-KMS" }
    error_message = "S3 must be encrypted with the key."
  }

  assert {
    condition = jsondecode(aws_emr_security_configuration.this.configuration).EncryptionConfiguration.AtRestEncryptionConfiguration.LocalDiskEncryptionConfiguration == {
      AwsKmsKey                 = var.kms_key_arn
      EnableEbsEncryption       = true
      EncryptionKeyProviderType = "AwsKms"
    }
    error_message = "Volumes and local disks must be encrypted with the key."
  }

  assert {
    condition     = jsondecode(aws_emr_security_configuration.this.configuration).InstanceMetadataServiceConfiguration.MinimumInstanceMetadataServiceVersion == 2
    error_message = "IMDSv2 must be required."
  }

  assert {
    condition     = jsondecode(aws_emr_security_configuration.this.configuration).AuthorizationConfiguration.IAMConfiguration.EnableApplicationScopedIAMRole
    error_message = "Steps must run with roles of their own."
  }

  assert {
    condition     = jsondecode(aws_emr_security_configuration.this.configuration).AuthorizationConfiguration.IAMConfiguration.ApplicationScopedIAMRoleConfiguration.PropagateSourceIdentity
    error_message = "Steps must say for whom they run."
  }
}
