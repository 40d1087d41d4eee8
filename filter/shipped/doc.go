// Package shipped reads what deploy/ has for watching a gate, dashboards of Grafana
// and rules of Prometheus, and the expressions in them. Tests only.
package shipped
