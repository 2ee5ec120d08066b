// The program: one file per command beside this one.
int main() { return 70; }
