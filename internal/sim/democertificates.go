package sim

// demoCertificates: one is active in the organization, one in search-prod. They are real, self-signed for
// names that nobody can have, and their private keys were thrown away.
func demoCertificates() []Certificate {
	return []Certificate{
		{ID: "cert_sim0001", Name: new("ingress"), CreatedAt: june, ValidAt: june, ExpiresAt: faraway, Content: demoPEM1, Active: true},
		{ID: "cert_sim0002", Name: new("search"), CreatedAt: june + day, ValidAt: june, ExpiresAt: faraway, Content: demoPEM2},
	}
}

const demoPEM1 = `-----BEGIN CERTIFICATE-----
MIIBjzCCATWgAwIBAgIBATAKBggqhkjOPQQDAjAuMQ0wCwYDVQQKEwRBY21lMR0w
GwYDVQQDExRpbmdyZXNzLmFjbWUuZXhhbXBsZTAgFw0yNTA2MDEwMDAwMDBaGA8y
MTAwMDEwMTAwMDAwMFowLjENMAsGA1UEChMEQWNtZTEdMBsGA1UEAxMUaW5ncmVz
cy5hY21lLmV4YW1wbGUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATOUF9BHDXE
bHwSyDv+DYm6fv3l8769N93QR5L5Rg+/cz7k5qELq7NzBfA9c2od0yOyJwd+HeDg
BEwv3X4pl4dVo0IwQDAOBgNVHQ8BAf8EBAMCAoQwDwYDVR0TAQH/BAUwAwEB/zAd
BgNVHQ4EFgQUwNsY+8yQ1AB6TV76D7IQE9d/LUQwCgYIKoZIzj0EAwIDSAAwRQIh
AKwuBI1ljNXbKbAI0+zGkIlfSHuj8bCpg6CTPb7p0erlAiB4/eRfEpDFaIBPwYMP
YUyytnqGVi6nT9a3mv6Eo05cBA==
-----END CERTIFICATE-----
`

const demoPEM2 = `-----BEGIN CERTIFICATE-----
MIIBjjCCATOgAwIBAgIBAjAKBggqhkjOPQQDAjAtMQ0wCwYDVQQKEwRBY21lMRww
GgYDVQQDExNzZWFyY2guYWNtZS5leGFtcGxlMCAXDTI1MDYwMTAwMDAwMFoYDzIx
MDAwMTAxMDAwMDAwWjAtMQ0wCwYDVQQKEwRBY21lMRwwGgYDVQQDExNzZWFyY2gu
YWNtZS5leGFtcGxlMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE5eZUwTm/DqQB
02EYf52dLHdTDgCmLV+TmQ6pOn33x1Wzi862XXPLcaSOhRNUta+vw1MKxUt9U/Wt
JwiSgVFrpKNCMEAwDgYDVR0PAQH/BAQDAgKEMA8GA1UdEwEB/wQFMAMBAf8wHQYD
VR0OBBYEFGryJIrNAZ1pVndIE1KSZ74qsSHwMAoGCCqGSM49BAMCA0kAMEYCIQDT
tCywYk+F2ryWT+F+TmmQwBBdK2ZvA57l28wtNL9gjgIhAMfr1Yw63sdrZOB5WZ/1
TQ89IfPCZfjk1i0JZUmksIcV
-----END CERTIFICATE-----
`
