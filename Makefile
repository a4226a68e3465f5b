.PHONY: test
test:
	HONE_STRICT=1 swift test -c release
