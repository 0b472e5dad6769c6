package sim

import (
	"fmt"
	"net/http"
)

// An apiError is an answer that refuses, in the envelope of the reference's ErrorResponse.
type apiError struct {
	status  int
	message string
	kind    string // "type"; "" is invalid_request_error
	param   string // "" is null
	code    string // "" is null
	flat    bool   // the rate-limit routes' {"code":404,"message":...}
}

func (e *apiError) Error() string { return e.message }

// MarshalJSON writes the envelope: all four members always, param and code nullable.
func (e *apiError) MarshalJSON() ([]byte, error) {
	if e.flat {
		return marshal(map[string]any{"code": e.status, "message": e.message})
	}
	kind := e.kind
	if kind == "" {
		kind = "invalid_request_error"
	}
	return marshal(map[string]any{"error": struct {
		Message string  `json:"message"`
		Type    string  `json:"type"`
		Param   *string `json:"param"`
		Code    *string `json:"code"`
	}{e.message, kind, orNull(e.param), orNull(e.code)}})
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// invalid is a 400 about one parameter; param and code may be empty.
func invalid(param, code, format string, args ...any) *apiError {
	return &apiError{status: http.StatusBadRequest, message: fmt.Sprintf(format, args...), param: param, code: code}
}

func notFound(format string, args ...any) *apiError {
	return &apiError{status: http.StatusNotFound, message: fmt.Sprintf(format, args...), code: "not_found"}
}

// archived is the one refusal whose code and words are known from the live API.
func archived(p *Project) *apiError {
	return invalid("", "project_archived", "Project '%s' is archived. You can only update an active project.", p.Name)
}

func isDefault(p *Project) *apiError {
	return invalid("project_id", "default_project", "The default project '%s' cannot be changed this way.", p.Name)
}
