// Grafana's schema of dashboards, for the checks; kept apart from other tools.
module sekisho/deploy/tools/grafana

go 1.26.0

require github.com/grafana/grafana-foundation-sdk/go v0.0.22
