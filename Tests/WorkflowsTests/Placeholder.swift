// Holds the test target's place until its first test lands.
