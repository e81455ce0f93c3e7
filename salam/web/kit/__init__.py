"""All components in all their states, for whoever builds a screen. Shown in debug only."""
