"""What neighbourhoods need, as stories with lines that can be matched."""
