/* What is gathered of a request beside its header lines. */
#ifndef CW_REQUEST_H
#define CW_REQUEST_H

#include "messages.h"

typedef struct {
    cw_gatherer base;
    PyObject *parser;     /* httptools' */
    PyObject *receiver;   /* told of each request */
    PyObject *blank;      /* the Conn of which requests are copies */
    PyObject *target;     /* it may come in pieces */
    Py_ssize_t most_bytes, most_target_bytes, most_lines; /* the limits of a head */
    Py_ssize_t fed;       /* bytes since the head began, not counting the read in which it began */
    Py_ssize_t read;      /* bytes of the read at hand */
    char in_head;         /* a head has begun and is not complete */
    char in_body;         /* a head is complete, its body is not */
    char began;           /* a head began in the read at hand */
    char ended;           /* a request ended in the read at hand */
    char muted;           /* the parser is shown a head that nobody sent */
    char plain;           /* the newest head was plain */
} cw_request;

PyObject *cw_plain_request(cw_request *self);

#endif
