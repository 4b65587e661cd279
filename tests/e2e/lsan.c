/* What LeakSanitizer does not report, as valgrind.supp says for valgrind: a look-up's thread is
 * detached, and may still be on its way out when the process ends. What glibc's resolver keeps for
 * it is then found by nobody, and freed a moment later. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_options(void);

const char *__lsan_default_suppressions(void)
{
    return "leak:__res_\nleak:__resolv_\n";
}

/* Without a table of what was suppressed, on stderr. */
const char *__lsan_default_options(void)
{
    return "print_suppressions=0";
}
