/* What is gathered of a response beside its header lines. */
#ifndef CW_RESPONSE_H
#define CW_RESPONSE_H

#include "messages.h"

typedef struct {
    cw_gatherer base;
    PyObject *parser;    /* httptools' */
    PyObject *head;      /* the final response's, once it was read and checked; NULL before */
    PyObject *pieces;    /* list of the body's pieces that nobody has taken; NULL while there are none */
    Py_ssize_t overhead; /* bytes of the response that were not its body, chunk lines left out */
    Py_ssize_t most_bytes, most_lines; /* the limits of a head */
    Py_ssize_t interim;  /* bytes of interim responses */
    char seen;           /* a byte of the response came */
    char expects_body;   /* the request was not HEAD */
    char complete;       /* the response is */
    char whole;          /* more than one response came: the next one has no asker */
} cw_response;

PyObject *cw_plain_response_head(cw_response *self);

#endif
