"""Pages: a response in, offers out. No I/O, no clock, no settings."""
