"""Roll account values forward month by month and work out the instalments that fell due."""
