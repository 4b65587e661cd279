
/* The numbers of "MAJOR.MINOR.REVISION"; returns how many there are. */
static int read_version(const char *text, int *major, int *minor, int *revision)
{
    int *const numbers[] = {major, minor, revision};
    int count = 0;
    while (count < 3 && isdigit((unsigned char)*text)) {
        char *end;
        *numbers[count++] = (int)strtol(text, &end, 10);
        text = end + (*end == '.');
    }
    return count;
}
