"""Legal deadlines: rules as data, dates by arithmetic that explains itself, records that nobody deletes."""
