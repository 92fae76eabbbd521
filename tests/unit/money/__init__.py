"""Money that is reckoned, not moved: paces and forecasts."""
