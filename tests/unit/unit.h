/* What every unit test includes: cmocka, in the order it wants. */
#ifndef UNIT_H
#define UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#define HAVE_UINTPTR_T 1 /* <stdint.h> has it; cmocka.h knows that of glibc's alone */
#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

#endif
