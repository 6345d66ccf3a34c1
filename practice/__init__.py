"""The law practice's records and rules: people, parties, enquiries, conflicts, matters. One package a noun."""
