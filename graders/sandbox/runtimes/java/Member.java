// A reader, or the clerk.
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;

@Entity
@Table(name = "members")
public class Member {
    @Id
    @Column(name = "member_id")
    public Integer memberId;

    public String name;
    public String password;
    public String role;
}
