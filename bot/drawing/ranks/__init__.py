"""Ranks over time as a bump chart: lines that cross, who leaves the first, who comes to lead."""
