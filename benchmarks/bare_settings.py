"""Scrapy as it comes, for the bare spiders of the benchmark."""

BOT_NAME = "bare"
LOG_LEVEL = "INFO"
TELNETCONSOLE_ENABLED = False
