"""Rows in PostgreSQL: tables, statements, migrations."""
