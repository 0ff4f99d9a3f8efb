"""The dbt project, and the forecast that runs as one of its models."""
