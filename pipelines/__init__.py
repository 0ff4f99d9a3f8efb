"""What happens to an offer after its page: scrub, validate, quarantine, store."""
