"""Questions: dashboards that begin with what a person asks, not with what there is to show."""
