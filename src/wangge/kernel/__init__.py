"""Kernel: transactions, facts, deeds, jobs and refusals; the ground that every room stands on."""
