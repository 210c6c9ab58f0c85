//go:build tools

// Package main's tools: commands that are built from this module beside the node binary.
package main

import _ "helm.sh/helm/v3/cmd/helm"
