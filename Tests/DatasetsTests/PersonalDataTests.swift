import Datasets
import Testing

@Suite("Personal data is recognised by form and checksum")
struct PersonalDataTests {
    @Test(
        "Real forms are found whole",
        arguments: [
            ("mail jane.doe+x@acme.co.uk, please", .email, "jane.doe+x@acme.co.uk"),
            ("call +44 20 7946 0958 now", .phone, "+44 20 7946 0958"), ("(415) 555-2671", .phone, "(415) 555-2671"),
            ("415-555-2671.", .phone, "415-555-2671"), ("card 4111 1111 1111 1111", .card, "4111 1111 1111 1111"),
            ("378282246310005", .card, "378282246310005"), ("SSN 536-90-4399", .ssn, "536-90-4399"),
            ("from 81.2.69.142 today", .ip, "81.2.69.142"),
            ("pay GB82 WEST 1234 5698 7654 32 soon", .iban, "GB82 WEST 1234 5698 7654 32"),
            ("DE89370400440532013000", .iban, "DE89370400440532013000"),
            ("key AKIAIOSFODNN7EXAMPLE.", .accessKey, "AKIAIOSFODNN7EXAMPLE"),
            ("postgres://admin:s3cret@db/x", .urlPassword, "s3cret"),
            ("-----BEGIN RSA PRIVATE KEY-----", .privateKey, "-----BEGIN RSA PRIVATE KEY-----"),
            ("t ghp_abcdefghijklmnopqrstuvwxyz0123456789", .accessKey, "ghp_abcdefghijklmnopqrstuvwxyz0123456789"),
            (
                "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w", .token,
                "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w"
            ),
        ] as [(String, PersonalData.Kind, String)])
    func found(text: String, kind: PersonalData.Kind, value: String) {
        let hits = PersonalData.hits(in: text)
        #expect(hits.map(\.kind) == [kind])
        #expect(hits.map { String(decoding: Array(text.utf8)[$0.range], as: UTF8.self) } == [value])
    }

    @Test(
        "What only looks like it is left alone",
        arguments: [
            "4111 1111 1111 1112", "000-12-3456", "666-12-3456", "order 1234567890", "version 1.0.0.1", "192.168.1.10",
            "10.0.0.1",
            "user@example.com", "@handle", "a@b", "12-03-2024", "2024-11-21 10:30:00", "1,234,567.89",
            "GB82 WEST 1234 5698 7654 33",
            "sk-learn", "eyJ is a prefix", "3.14159265358979", "https://host/path", "http://user@host/",
            "-----BEGIN CERTIFICATE-----",
            "room 415 555 floor 2", "ISBN 978-3-16-148410-0", "+1", "(3)", "AKIA", "x4111111111111111",
            "48/2 = <<48/2=24>>24",
        ])
    func notFound(text: String) {
        #expect(PersonalData.hits(in: text) == [])
    }
}
