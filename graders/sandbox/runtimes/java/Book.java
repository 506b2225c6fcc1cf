// A book of the shop, and what was written about it.
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.OneToMany;
import jakarta.persistence.Table;
import java.util.List;

@Entity
@Table(name = "books")
public class Book {
    @Id
    @Column(name = "book_id")
    public Integer bookId;

    public String title;
    public String author;
    public Integer shelf;
    public Integer price;
    public String note;

    @OneToMany(mappedBy = "book")
    public List<Review> reviews;

    public String getTitle() {
        return title;
    }

    public String getAuthor() {
        return author;
    }

    public Integer getPrice() {
        return price;
    }
}
