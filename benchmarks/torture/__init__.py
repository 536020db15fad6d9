"""The torture campaign: real processes, killed and frozen, against a chat that fails; then the verdict."""
