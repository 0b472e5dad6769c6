//go:build !race

package faults_test

const race = false
