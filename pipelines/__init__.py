"""Item pipelines: scrub, validate, quarantine, store."""
